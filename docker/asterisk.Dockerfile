# Asterisk 22 with the sounds it needs. Its configuration is rendered by `prepare` into the state volume; nothing of it,
# and no secret, is in this image. Python and the stories are here because Asterisk executes the stories itself when
# the story server is away.
# Built from the checkout's folder: docker build -f docker/asterisk.Dockerfile .
ARG BASE=debian:forky-slim
FROM ${BASE} AS environment
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv ca-certificates
WORKDIR /opt/sanxiang
COPY requirements.lock requirements-build.lock ./
# As in stories.Dockerfile.
RUN python3 -m venv env \
    && env/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && awk '/^[a-z]/ { wanted = /^(pyst2|six|structlog)==/ } wanted' requirements.lock > stories.lock \
    && env/bin/pip install --no-cache-dir --require-hashes --no-build-isolation -r stories.lock \
    && env/bin/pip uninstall --yes wheel setuptools packaging pip

FROM ${BASE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        asterisk asterisk-core-sounds-en-wav asterisk-moh-opsound-wav python3 tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10012 sanxiang-asterisk \
    && useradd --uid 10002 --gid 10012 --home-dir /var/lib/sanxiang --no-create-home --shell /usr/sbin/nologin sanxiang-asterisk \
    && install -d -m 0711 /var/lib/sanxiang
COPY --from=environment /opt/sanxiang/env /opt/sanxiang/env
COPY ivr /opt/sanxiang/ivr
COPY agi_scripts /opt/sanxiang/agi_scripts
COPY acd/__init__.py acd/bytecode.py acd/number_masks.py /opt/sanxiang/acd/
COPY acd/processes/__init__.py acd/processes/beside_asterisk.py acd/processes/log_files.py /opt/sanxiang/acd/processes/
COPY acd/processes/log_keeper.py acd/processes/log_pipes.py acd/processes/logs.py /opt/sanxiang/acd/processes/
COPY docker/asterisk.sh /opt/sanxiang/docker/asterisk.sh
ENV PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8
USER sanxiang-asterisk
CMD ["/bin/sh", "/opt/sanxiang/docker/asterisk.sh", "/var/lib/sanxiang/default/run"]
