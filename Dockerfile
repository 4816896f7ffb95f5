# The app with its own Milvus Lite and redis-server; compose.yaml puts servers beside it.
# `docker build --target export .` makes the image that converts Keras' networks, with TensorFlow.
FROM python:3.12-slim AS packages
# A release of Debian has one version of it.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends binutils \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY docker/requirements.lock docker/trim.sh ./
RUN python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv install --no-cache-dir --no-compile --require-hashes -r requirements.lock \
    && sh trim.sh /opt/venv/lib/python3.12/site-packages

FROM packages AS export-packages
COPY requirements.lock ./
RUN pip --python /opt/venv install --no-cache-dir --no-compile --require-hashes -r requirements.lock

FROM python:3.12-slim AS root
RUN useradd --create-home --uid 1000 twinlens
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY app.py pyproject.toml ./
COPY docker/health.py docker/health.py
COPY searcher searcher
COPY models models
COPY sample_images sample_images
# Compiled once: the user who serves can't write here, and each process would compile it again.
# Gradio writes stubs for editors meanwhile.
RUN /opt/venv/bin/python -c "import searcher.ui.app, searcher.ui.server, searcher.library.worker, \
searcher.export.pip_networks, searcher.stores.private.supervisor, milvus_lite" \
    && find /opt/venv -name '*.pyi' -delete
RUN mkdir data && chown -R 1000 data models
# What a container never does: install Python's packages or Debian's, and show windows.
WORKDIR /usr/local/lib/python3.12
RUN rm -rf site-packages/* ensurepip idlelib lib2to3 pydoc_data tkinter turtledemo \
    && dpkg --purge --force-all apt libapt-pkg7.0 sqv debconf perl-base \
    && rm -rf /var/lib/apt /var/cache/*

# In a single layer, since files keep their room in the layer that they came with.
FROM scratch AS serve
# hadolint ignore=DL3067
COPY --from=root / /
WORKDIR /app
USER 1000
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 \
    GRADIO_SERVER_NAME=0.0.0.0 PORT=7860 \
    INSTALL_MODELS="words efficientnet_lite0 efficientnet_lite2"
EXPOSE 7860

FROM serve AS export
COPY --from=export-packages /opt/venv /opt/venv
ENTRYPOINT ["python", "-m", "searcher", "export"]

FROM serve
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "docker/health.py"]
CMD ["python", "app.py"]
