# The app with its baselines; compose.yaml puts Milvus and Redis beside it.
FROM python:3.11-slim

RUN useradd --create-home twinlens
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY app.py pyproject.toml ./
COPY searcher searcher
COPY models models
COPY sample_images sample_images
RUN mkdir data && chown -R twinlens data models
USER twinlens
ENV GRADIO_SERVER_NAME=0.0.0.0 PORT=7860
EXPOSE 7860
CMD ["python", "app.py"]
