"""How fast it is, beside what others need for the same in the same run.

bench_patients  copies of the bundled patients under new ids, as resources, bytes and on a server
stage_times     what one patient costs, step by step, without a server
letter_times    letters in words and on pages
fhirpath_scores the T-scores of a Bundle by FHIRPath, for comparison
cql_scores      the lowest of them by CQL, in a process of Node (`cql_scores.js`)
server_times    the whole way with a server: first time, nothing changed; a raw replay, a plain loop
thread_times    the first time by the number of threads, and which number is enough
process_times   the first time in several processes
process_cost    time and memory of a command of ours
memory_growth   what `run` takes for few and for many patients
bench_report    rounds side by side and ratios
bench_page      the page that is made of them
"""
