"""How the engine understands: Rasa components, in the order in which ``config.yml`` names them."""
