"""What an auditor asks of a file, and the answers; what a receiver kept for one."""
