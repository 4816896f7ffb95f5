"""Storage of vectors and records: Milvus, Redis, and the private servers for both."""
