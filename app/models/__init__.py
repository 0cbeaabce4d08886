"""View-models: frozen state out, intentions in."""
