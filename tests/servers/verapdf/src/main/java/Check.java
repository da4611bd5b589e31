import java.io.FileInputStream;
import java.io.InputStream;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;

/** Checks each PDF named on the command line as PDF/A-2a and PDF/UA-1: one line of findings per file and standard. */
public final class Check {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (String file : files) {
            for (String flavour : new String[] {"2a", "ua1"}) {
                System.out.println(check(file, PDFAFlavour.fromString(flavour)));
            }
        }
    }

    private static String check(String file, PDFAFlavour flavour) throws Exception {
        try (InputStream in = new FileInputStream(file);
                PDFAParser parser = Foundries.defaultInstance().createParser(in, flavour)) {
            ValidationResult result = Foundries.defaultInstance().createValidator(flavour, false).validate(parser);
            StringBuilder line = new StringBuilder(file + "\t" + flavour.getId() + "\t" + result.isCompliant()
                    + "\t" + result.getTotalAssertions());
            for (TestAssertion failed : result.getTestAssertions()) {
                line.append("\t").append(failed.getRuleId().getClause()).append("-")
                        .append(failed.getRuleId().getTestNumber());
            }
            return line.toString();
        }
    }
}
