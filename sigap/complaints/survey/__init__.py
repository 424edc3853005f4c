"""What people say of the work: one question after a case, the yearly survey by nine elements
(IKM), and what follows from a low mark."""
