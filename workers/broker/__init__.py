"""A broker of our own for the demo and the tests: loopback, a free port, nothing kept, stopped for certain.

`embedded_redis` chooses and starts one; `python_redis` is the last choice where no server program can run.
`connection_check` asks whether one answers, and `broker_fault` is what it says where none does.
`child_process` is how any server of ours is started so that it cannot outlive us.
"""
