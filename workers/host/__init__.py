"""What every process needs of its machine: nothing in here knows what the process is for.

clock           the one place that asks for the time
daily_hours     hours of each day by the clock on the wall
logs            lines for people and for machines, without what a server said of a patient
private_files   files that nobody else may read
process_memory  what a process keeps, and what it gives back to the machine
state_folder    where a program keeps what it must remember between two runs
"""
