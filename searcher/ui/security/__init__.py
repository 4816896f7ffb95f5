"""Middleware and limits: login, origins, proxies, request sizes, rates, uploads."""
