# The daemon: decides, writes the log, files recordings, serves API and page. The same image runs `prepare`, once before
# everything else.
# Built from the checkout's folder: docker build -f docker/daemon.Dockerfile .
ARG BASE=debian:forky-slim
FROM ${BASE} AS environment
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv ca-certificates
WORKDIR /opt/sanxiang
COPY requirements.lock requirements-build.lock ./
# pyst2 has no wheel: it is built by what requirements-build.lock holds, and the build looks nothing up.
RUN python3 -m venv env \
    && env/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && env/bin/pip install --no-cache-dir --require-hashes --no-build-isolation -r requirements.lock \
    && env/bin/pip uninstall --yes wheel setuptools packaging pip

# The page, built as everywhere: Node comes hash-locked as a Python package, npm's packages by package-lock.json.
# Of this stage only the folder page-<hash of the sources> is kept.
FROM ${BASE} AS page
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv ca-certificates
WORKDIR /opt/sanxiang
COPY requirements-node.lock ./
COPY acd/__init__.py acd/bytecode.py acd/errors.py acd/cache.py acd/progress.py acd/
COPY acd/web/__init__.py acd/web/
COPY acd/web/server/__init__.py acd/web/server/page_build.py acd/web/server/
COPY acd/web/console acd/web/console
RUN XDG_CACHE_HOME=/tmp/cache python3 -c 'from acd.web.server.page_build import build_page; print(build_page())' \
    && mkdir -p /page/sanxiang \
    && mv /tmp/cache/sanxiang/page-???????????? /page/sanxiang/

FROM ${BASE}
# The package asterisk is here for its command line: `asterisk -rx` reaches the Asterisk of the other container through
# the control socket in the state volume, and `prepare` reads from it where modules and data lie there.
RUN apt-get update \
    && apt-get install -y --no-install-recommends asterisk python3 espeak-ng tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --home-dir /var/lib/sanxiang --no-create-home --shell /usr/sbin/nologin sanxiang \
    && install -d -m 0700 -o sanxiang -g sanxiang /var/lib/sanxiang
COPY --from=environment /opt/sanxiang/env /opt/sanxiang/env
COPY --from=page /page /opt/sanxiang/cache
COPY acd /opt/sanxiang/acd
COPY agi_scripts /opt/sanxiang/agi_scripts
COPY asterisk_conf /opt/sanxiang/asterisk_conf
COPY ivr /opt/sanxiang/ivr
COPY recordings /opt/sanxiang/recordings
# PYTHONPATH is what the launcher of a checkout sets; the two folders make the command line find state and cache.
ENV PYTHONPATH=/opt/sanxiang PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8 \
    XDG_CACHE_HOME=/opt/sanxiang/cache XDG_STATE_HOME=/var/lib
RUN printf '#!/bin/sh\nexec /opt/sanxiang/env/bin/python -m acd.cli "$@"\n' > /usr/local/bin/sanxiang \
    && chmod 0755 /usr/local/bin/sanxiang
WORKDIR /opt/sanxiang
USER sanxiang
CMD ["/opt/sanxiang/env/bin/python", "-m", "acd.daemon", "/var/lib/sanxiang/default"]
