"""Webhooks: people's own servers are told what happens here, by the Standard Webhooks specification (1.0)."""
