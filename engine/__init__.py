"""Yingda's engine: what we add to Rasa, inside Rasa's own Python 3.10 environment.

* ``engine.door``: the one HTTP door, a Rasa input channel that only the service may use
* ``engine.tracker_store``, ``engine.snapshot``, ``engine.lock_store``: conversations as a cache
* ``engine.fastpaths``: documented replacements for Rasa's avoidable per-turn costs
* ``engine.nlu``: the understanding pipeline (components named in ``config.yml``)
* ``engine.evaluate``: measures a trained model against labelled text
"""
