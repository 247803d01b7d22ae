# The server alone, on slim Python: no compiler, no pip, no shell before the process.
FROM python:3.13-slim AS build
WORKDIR /src
# What builds the wheel has an environment of its own, and nothing of it is in the image.
RUN python -m venv /opt/build && python -m venv --without-pip /opt/chatdouble
ENV PATH=/opt/build/bin:$PATH
COPY requirements/build.txt requirements/run.txt requirements/
# pip compiles the modules here, so that a read-only root starts as fast.
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements/build.txt && \
    pip --python /opt/chatdouble/bin/python install --no-cache-dir --disable-pip-version-check \
        --require-hashes --requirement requirements/run.txt
COPY pyproject.toml README.md CHANGELOG.md LICENSE ./
COPY app app
COPY backends backends
RUN pip wheel --no-index --no-deps --no-build-isolation --wheel-dir dist . && \
    pip --python /opt/chatdouble/bin/python install --no-index --no-deps dist/*.whl

FROM python:3.13-slim
LABEL org.opencontainers.image.title="chatdouble" \
      org.opencontainers.image.description="A test double for the OpenAI API: strict, complete, deterministic." \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT AND Apache-2.0"
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin chatdouble && mkdir /scripts
COPY --from=build /opt/chatdouble /opt/chatdouble
# The standard library of this image has no bytecode, and the user below writes none: without this, each start and each
# health check would compile what it imports.
RUN PYTHONDONTWRITEBYTECODE= /opt/chatdouble/bin/python -c "import urllib.request, chatdouble.cli.main, \
    chatdouble.server.serving, chatdouble.server.routes.contract, chatdouble_backends.scripted"
ENV PATH=/opt/chatdouble/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    CHATDOUBLE_HOST=:: \
    CHATDOUBLE_PORT=8000 \
    CHATDOUBLE_SCRIPTS=/scripts
# A number, so that Kubernetes can see that it is not root.
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ['CHATDOUBLE_PORT']}/health\", timeout=2)"]
ENTRYPOINT ["chatdouble"]
CMD ["serve"]
