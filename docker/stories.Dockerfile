# The story server: what callers hear. Python's own library and pyst2, nothing else.
# Built from the checkout's folder: docker build -f docker/stories.Dockerfile .
ARG BASE=debian:forky-slim
FROM ${BASE} AS environment
RUN apt-get update && apt-get install -y --no-install-recommends python3 python3-venv ca-certificates
WORKDIR /opt/sanxiang
COPY requirements.lock requirements-build.lock ./
# pyst2 has no wheel: it is built by what requirements-build.lock holds, and the build looks nothing up. Of the whole
# lock the stories need only pyst2 and what it names itself, with the hashes that stand there.
RUN python3 -m venv env \
    && env/bin/pip install --no-cache-dir --require-hashes -r requirements-build.lock \
    && awk '/^[a-z]/ { wanted = /^(pyst2|six)==/ } wanted' requirements.lock > stories.lock \
    && env/bin/pip install --no-cache-dir --require-hashes --no-build-isolation -r stories.lock \
    && env/bin/pip uninstall --yes wheel setuptools packaging pip

FROM ${BASE}
RUN apt-get update \
    && apt-get install -y --no-install-recommends python3 tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10013 sanxiang-stories \
    && useradd --uid 10003 --gid 10013 --home-dir /var/lib/sanxiang --no-create-home --shell /usr/sbin/nologin sanxiang-stories \
    && install -d -m 0711 /var/lib/sanxiang
COPY --from=environment /opt/sanxiang/env /opt/sanxiang/env
COPY ivr /opt/sanxiang/ivr
ENV PYTHONPATH=/opt/sanxiang PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8
WORKDIR /opt/sanxiang
USER sanxiang-stories
CMD ["/opt/sanxiang/env/bin/python", "-m", "ivr.server", "/var/lib/sanxiang/default/run/stories.json"]
