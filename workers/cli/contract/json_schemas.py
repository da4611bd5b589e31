"""The JSON schema of what each command prints with `--json`, made from the types of its output."""

from importlib import import_module

from pydantic import TypeAdapter

from adapter.input.wire_json import Json

HOME = "workers.cli.contract"
FAULT = "fault"  # what any of them prints in the place of its result
# the command as it is typed: where the type of its output stands
OUTPUTS = {
    "demo": "workers.cli.demo:DemoOutput",
    "run": "workers.queue.sweep_run:RunSummary",
    "export": f"{HOME}.files_output:ExportOutput",
    "assess": f"{HOME}.files_output:AssessOutput",
    "bench": "workers.bench.bench_report:BenchReport",
    "explain": "workers.explanation.explanation_output:Explanation",
    "doctor": f"{HOME}.operation_output:DoctorOutput",
    "cases run": f"{HOME}.decision_output:CasesOutput",
    "pathway list": f"{HOME}.pathway_output:PathwaysOutput",
    "pathway show": f"{HOME}.pathway_output:ShownPathway",
    "pathway check": f"{HOME}.pathway_output:CheckedFiles",
    "pathway diff": f"{HOME}.pathway_output:DiffOutput",
    "pathway publish": f"{HOME}.pathway_output:PublishOutput",
    "pathway coverage": f"{HOME}.pathway_output:CoverageOutput",
    "replay": "workers.authoring.replay:Replay",
    "letter": f"{HOME}.decision_output:LetterOutput",
    "release": f"{HOME}.operation_output:ReleaseOutput",
    "deliveries": f"{HOME}.operation_output:DeliveriesOutput",
    "deliveries send": f"{HOME}.operation_output:RoundOutput",
    "due": f"{HOME}.operation_output:DueOutput",
    "feedback": f"{HOME}.operation_output:FeedbackOutput",
    "hl7 explain": "workers.intake.message_explanation:MessageOutput",
    "hl7 inbox": f"{HOME}.operation_output:InboxOutput",
    "subscriptions status": f"{HOME}.operation_output:SubscriptionsOutput",
    "settings show": "workers.cli.settings:SettingsOutput",
    FAULT: f"{HOME}.fault_report:FaultOutput",
}


def schema_of(command: str) -> Json:
    """The schema of one command's output, complete in itself."""
    module, _, name = OUTPUTS[command].partition(":")
    kind: type[object] = getattr(import_module(module), name)
    made = TypeAdapter(kind).json_schema(mode="serialization")
    title = "A fault, in the place of a result" if command == FAULT else f"osteo-handover {command} --json"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": title}


def file_of(command: str) -> str:
    """The name of the file with its schema."""
    return f"{command.replace(' ', '-')}.schema.json"
