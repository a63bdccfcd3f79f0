# syntax=docker/dockerfile:1
# The program with everything it needs on servers, built from the locks.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /source

COPY requirements-build.txt requirements.txt requirements-servers.txt ./
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /build && /build/bin/pip install --require-hashes -r requirements-build.txt \
    && /build/bin/pip install --require-hashes --no-build-isolation -r requirements.txt
RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /opt/meiqia && /opt/meiqia/bin/pip install --require-hashes --only-binary :all: -r requirements-servers.txt

# The wheel carries the browser assets: the build hook fetches them by package-lock.json.
COPY . .
RUN /build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
    && /opt/meiqia/bin/pip install --no-deps /wheel/*.whl

FROM python:3.11-slim-bookworm
RUN groupadd --gid 10001 meiqia && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin meiqia \
    && install -d -o meiqia -g meiqia -m 700 /data /checkpoints
COPY --from=build /opt/meiqia /opt/meiqia
COPY tools/certificates.py tools/cluster_accounts.py /opt/tools/
ENV PATH=/opt/meiqia/bin:$PATH PYTHONUNBUFFERED=1 MEIQIA_DATA_DIR=/data
USER 10001:10001
WORKDIR /data
EXPOSE 8000
ENTRYPOINT ["meiqia-search"]
CMD ["serve"]
