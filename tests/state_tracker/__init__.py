"""The proof of the state tracker: a model of a lock and of a hostile network."""
