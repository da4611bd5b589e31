# One image for every process: worker, beat, and the commands run by hand.

FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY osteo_handover ./osteo_handover
COPY adapter ./adapter
COPY mappings ./mappings
COPY workers ./workers
RUN pip wheel --no-cache-dir --wheel-dir /wheels '.[postgres]'

FROM python:3.12-slim-bookworm
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels 'osteo-handover[postgres]' \
    && useradd --system --uid 10001 --home-dir /var/lib/osteo-handover --create-home osteo
USER 10001:10001
# The only place written to: the beat's schedule, and the ledger where no PostgreSQL is set.
WORKDIR /var/lib/osteo-handover
VOLUME /var/lib/osteo-handover
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
HEALTHCHECK --interval=60s --timeout=20s --start-period=60s --retries=3 CMD ["osteo-handover", "doctor", "--quick"]
ENTRYPOINT ["osteo-handover"]
CMD ["worker"]
