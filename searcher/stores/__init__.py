"""Where vectors and records are kept: Milvus, Redis, and the private servers for both."""
