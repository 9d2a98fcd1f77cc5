"""Who holds the bill: the title machine, the register over it, and its drivers on chains."""
