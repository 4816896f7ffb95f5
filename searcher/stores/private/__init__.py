"""Redis and Milvus on this machine: the supervisor process that keeps them, and its clients."""
