"""What each setting is for, and why its default is as it is: for `settings show` and docs/settings.md.

What a setting may hold stands with its field (`workers.settings`).
"""

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    # the FHIR server
    "fhir_base_url": "The FHIR R4 server that is read and written.",
    "fhir_auth": "How we log in there.",
    "fhir_user": "The name of our account.",
    "fhir_password": "The password of our account.",
    "fhir_token": "A token that the server's owner has issued.",
    "smart": "The login of SMART Backend Services: the server gives a short token for a statement that our key signs.",
    "ca_bundle": "Which certificates of servers are trusted. Without it, those that `certifi` ships are.",
    "client_cert": "Our certificate, where the server asks for one (mutual TLS).",
    "client_key": "The key of our certificate, where it lies in a file of its own.",
    "proxy": "The way to the server. The environment (HTTP_PROXY, NO_PROXY) is not looked at.",
    "rewrite_next_links": "Follow a next link by its path on our base URL, where the server does not know the name under "
    "which we reach it. Off: a link that leads elsewhere is refused, since the login would go along.",
    "post_search": "Search by POST, where a gateway writes addresses into its log. Off: some servers know no POST to _search.",
    "connect_timeout": "How long a connection may take. A firewall may keep silent: then we try later.",
    "read_timeout": "How long the server may keep silent within one answer.",
    "write_mode": "By which id our resources come to be: `put` under ids that we compute, `conditional` under ids of the "
    "server. `auto` asks the CapabilityStatement. Only `put` is proof against two writers at the same moment.",
    # the institution and its pathway
    "site": "Which of several installations this is. It is part of every identifier: never change it later.",
    "pathway": "The care pathway of the hospital.",
    "pathway_params": "What the hospital has chosen where its pathway leaves a choice.",
    "complete_lists": "Which lists of the record are kept completely here. Only there does silence mean 'none'.",
    "forearm_code_site": "Where your record uses the T-score code of the forearm (LOINC 38265-5) for another site. "
    "Unset, it is a forearm, which never decides.",
    "local_t_scores": "What your own T-score codes stand for.",
    "local_laboratory": "What your own laboratory codes stand for.",
    "test_labels": "Which labels mark patients who do not exist, beside HTEST.",
    "language": "The language of letters and plans.",
    "organization": "Who signs what we write, as a resource of the server.",
    "organization_identifier": "Who signs what we write, by a business identifier.",
    "organization_name": "The name under the letter.",
    "organization_phone": "The number under the letter.",
    "timezone": "By which clock a day begins and ends.",
    "fhir_profile": "Which implementation guide what we write follows.",
    "author_role": "Who signs a plan, where the guide asks for a role.",
    # release
    "release_owner": "Whose worklist gets the question whether a plan and its letter may go out.",
    "send_without_release": "For which pathways an immediate letter may leave before a clinician releases it. None: the "
    "adapter proposes, a clinician decides.",
    "delivery": "How letters reach GPs.",
    "serve": "How `serve` listens, and whom it believes.",
    "intake": "What comes in over HL7 v2 and as files.",
    "export": "How FHIR Bulk Data is asked for.",
    # ledger, broker and pace
    "ledger_url": "Where we keep what was reviewed, sent and is still to be done. Several machines need PostgreSQL.",
    "broker_url": "The Redis by which workers get their work. Unset, `run` does everything itself.",
    "broker_ca_bundle": "Which certificates of Redis are trusted.",
    "broker_client_cert": "Our certificate for Redis.",
    "broker_client_key": "The key of our certificate for Redis.",
    "allow_unprotected": "What may go to another machine without TLS. None: names and results would be open to read.",
    "patient_source": "Whom a full pass looks at, where the server allows no search over everybody.",
    "sweep_types": "Of which types a change has the patient reviewed.",
    "sweep_interval": "How long a change may wait for the next sweep.",
    "sweep_overlap": "How far each sweep goes back behind the last one, for changes that became visible late all the same.",
    "clock_margin": "How far a sweep stays behind the clock. A write may become visible that long after its stamp: "
    "120 s are what servers give a transaction (LinuxForHealth), and two more are for clocks that differ.",
    "decide_unchanged": "Decide again also about patients of whom nothing changed: to see that nothing is missed.",
    "read_unchanged": "Read records whole also where no version changed: for servers that do not count versions.",
    "full_sweep_interval": "How often everybody is looked at. Only that finds what was deleted.",
    "delivery_interval": "How long a released letter may wait before it is sent.",
    "overdue_interval": "How long an overdue answer may wait before somebody is asked.",
    "chunk_size": "How many patients one task of a worker has.",
    "batch_size": "How many patients are read with one request. Fifty were measured to be best on HAPI.",
    "search_size": "How many patients one search inside such a request names: longer addresses are refused by some.",
    "write_size": "For how many patients one transaction writes: one that fails holds up so many.",
    "max_attempts": "How often one patient is tried before a human is asked.",
    "retry_delays": "The longest wait before each next try; the real one is drawn at random below it.",
    "lease": "How long a patient belongs to a worker that gives no sign of life.",
    "task_soft_time_limit": "After how long a task is told to stop. It then gives back what it has not done.",
    "task_time_limit": "After how long a task is killed. What it held is done again.",
    "concurrency": "How many processes one worker has: one for each core.",
    "threads": "How many requests one process has under way: more of them only where the server is far away.",
    "log_format": "`json` for a log store.",
    "log_level": "From which weight on a line is written.",
    "dry_run": "Write nothing anywhere, and say what would be written.",
}
