# The image of web, worker and beat. Built in two steps: the second holds no compiler, no pip cache, and runs as nobody.
FROM python:3.13-slim AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/vitrine
COPY requirements.txt .
RUN /opt/vitrine/bin/pip install --require-hashes --only-binary :all: -r requirements.txt

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Vitrine" org.opencontainers.image.licenses="Apache-2.0"
ENV PATH=/opt/vitrine/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings VITRINE_HOME=/srv/vitrine/var VITRINE_BIND=0.0.0.0
RUN useradd --system --user-group --no-create-home --uid 10001 vitrine
WORKDIR /srv/vitrine
COPY --from=packages /opt/vitrine /opt/vitrine
COPY . .
# Static files belong to the image: hashed and compressed once, the same for every container.
RUN SECRET_KEY=only-to-collect-files python manage.py collectstatic --no-input --verbosity 0
USER vitrine
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--config", "config/gunicorn.py", "--worker-tmp-dir", "/dev/shm"]
