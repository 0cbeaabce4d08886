"""View-models of the manager's, medical lead's, inspector's and administrator's windows."""
