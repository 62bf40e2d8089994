"""A study as a file for any other program: CSV with its codebook always; Parquet, SPSS and Stata with the extra ``tables``."""
