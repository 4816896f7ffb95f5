"""Private servers of Redis and Milvus Lite: the supervisor process that runs them, its clients."""
