"""Records between centres as EIDO (NENA-STA-021.1a-2022): written, read, taken in and sent."""
