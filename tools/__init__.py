"""What is needed to build, test and measure Sigap; no part of the product."""
