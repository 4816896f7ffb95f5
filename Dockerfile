# The app with its own Milvus Lite and redis-server; compose.yaml puts servers beside it.
# `docker build --target export .` makes the image that converts Keras' networks, with TensorFlow.
FROM python:3.12-slim AS packages
WORKDIR /build
COPY docker/requirements.lock docker/trim.sh ./
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv install --no-cache-dir --no-compile --require-hashes -r requirements.lock \
    && sh trim.sh /opt/venv/lib/python3.12/site-packages

FROM python:3.12-slim AS serve
RUN useradd --create-home --uid 1000 twinlens
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY app.py pyproject.toml ./
COPY docker/health.py docker/health.py
COPY searcher searcher
COPY models models
COPY sample_images sample_images
# Compiled once: the user who serves can't write here, and each process would compile it again.
RUN /opt/venv/bin/python -c "import searcher.ui.app, searcher.ui.server, searcher.library.worker, \
searcher.export.pip_networks, searcher.stores.private.supervisor, milvus_lite"
RUN mkdir data && chown -R 1000 data models
USER 1000
ENV PATH=/opt/venv/bin:$PATH GRADIO_SERVER_NAME=0.0.0.0 PORT=7860 \
    INSTALL_MODELS="words efficientnet_lite0 efficientnet_lite2"
EXPOSE 7860

FROM serve AS export
USER 0
COPY requirements.lock ./
RUN pip --python /opt/venv install --no-cache-dir --no-compile --require-hashes -r requirements.lock
USER 1000
ENTRYPOINT ["python", "-m", "searcher", "export"]

FROM serve
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "docker/health.py"]
CMD ["python", "app.py"]
