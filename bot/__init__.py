"""The service: a customer's message from the inbox to the outbox, and everything that is written down."""
