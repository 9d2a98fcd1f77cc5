"""The exchange pipeline: how a document gets from its sender to the other side and is proved."""
