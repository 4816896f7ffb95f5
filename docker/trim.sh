#!/bin/sh
# Delete what the app never loads from an environment's packages: sh docker/trim.sh SITE_PACKAGES
set -eu
cd "$1"
# Tests and headers.
find . -type d \( -name tests -o -name include \) -prune -exec rm -rf {} +
rm -rf onnx/backend/test/data gradio/media_assets gradio/test_data
# Arrow's clients of servers; the embedded Milvus and data sets need its files and tables alone.
rm -f pyarrow/*flight* pyarrow/libarrow_s3.* pyarrow/_s3fs.* pyarrow/*_cpp_tests*
# Second copies of what is loaded by another name.
rm -f pyarrow/libarrow_python*.so pyarrow/libarrow_python*.so.*.*.*
# For programs in C: the module of Python has the same in itself.
rm -f onnxruntime/capi/libonnxruntime.so.*
# Gradio's server-side rendering, which is off, and what edits videos and draws with Bokeh.
rm -rf gradio/templates/node gradio/templates/frontend/static/ffmpeg gradio/templates/frontend/static/bokeh
# The languages of the page, and the one that all others begin from.
find babel/locale-data -name '*.dat' ! -name 'root.dat' ! -name 'en*.dat' ! -name 'es*.dat' -delete
# Compiled code of another machine; the image compiles what it imports.
find . -type d -name __pycache__ -prune -exec rm -rf {} +
