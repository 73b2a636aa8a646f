# syntax=docker/dockerfile:1

FROM golang:1.26-bookworm AS build
WORKDIR /src
ENV GOCACHE=/go/cache
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=dev
# The time zones are embedded: the final image has no files but these.
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/go/cache \
    CGO_ENABLED=0 go build -trimpath -tags=nomsgpack \
      -ldflags="-s -w -X main.version=${VERSION}" -o /out/rcp ./cmd/rcp
RUN mkdir -p /out/data/archive /out/data/mail

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/rcp /rcp
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV RCP_LISTEN=:8080 \
    RCP_DATABASE=sqlite:/data/rcp.db \
    RCP_MAIL_OUT=maildir:/data/mail \
    RCP_ARCHIVE=/data/archive
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["/rcp", "health"]
ENTRYPOINT ["/rcp"]
CMD ["serve"]
