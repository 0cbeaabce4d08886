"""iRECIST: Seymour L et al., Lancet Oncol 2017;18:e143-e152. RECIST 1.1 is always computed beside it."""
