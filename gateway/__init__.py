"""Silkgate's faces and flow: exchange pipeline, clearance, store, transports, API, console, CLI, sandbox."""
