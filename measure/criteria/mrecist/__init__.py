"""mRECIST for hepatocellular carcinoma: Lencioni R, Llovet JM. Semin Liver Dis 2010;30:52-60 (HC-01 to HC-05)."""
