# docker build -t portico .                                   PostgreSQL over a private network or a socket
# docker build -t portico --build-arg FEATURES=postgres-tls . PostgreSQL with TLS
#
# docker run --read-only --cap-drop=ALL --security-opt=no-new-privileges -p 8080:8080 -v portico:/var/lib/portico \
#     --env-file portico.env -v ./secret.key:/run/secrets/portico.key:ro -e PORTICO_SECRET_KEY_FILE=/run/secrets/portico.key portico
#
# Probes: GET /healthz (alive) and GET /readyz (send requests here). SIGTERM stops it within 30 seconds: `--stop-timeout 30`.

FROM rust:1.91-slim-bookworm AS build
ARG FEATURES=""
RUN apt-get update \
    && apt-get install --yes --no-install-recommends build-essential libssl-dev perl pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# The folder as a whole: .cargo/config.toml says how SQLite is built.
COPY . .
RUN cargo build --release --locked --features "$FEATURES" --bin portico

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl libssl3 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/portico --shell /usr/sbin/nologin portico \
    && install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/portico
COPY --from=build /src/target/release/portico /usr/local/bin/portico
USER 10001:10001
WORKDIR /var/lib/portico
# The only place that is written to, and only with SQLite.
VOLUME /var/lib/portico
ENV PORTICO_LISTEN=0.0.0.0:8080 \
    PORTICO_DATABASE_URL=sqlite:///var/lib/portico/portico.db \
    PORTICO_LOG_FORMAT=json
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/healthz"]
ENTRYPOINT ["/usr/local/bin/portico"]
CMD ["serve"]
