"""The page's named endpoints, for gradio_client, HTTP and MCP."""
