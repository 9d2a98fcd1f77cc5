"""Who talks to us: exchange, clearance, store, transports, API, console, CLI, sandbox."""
