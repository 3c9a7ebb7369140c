{{/* Settings of the program, as `gongzhi config` lists them, for those who read them. A secret goes only to the services that use it. */}}

{{/* One variable from a Secret; nothing where the Secret has no name: list NAME secret key */}}
{{- define "gongzhi.secret" -}}
{{- $secret := index . 1 -}}
{{- if $secret.name }}
- name: {{ index . 0 }}
  valueFrom: {secretKeyRef: {name: {{ $secret.name }}, key: {{ index . 2 }}}}
{{- end }}
{{- end }}

{{/* One variable with a value; nothing where it is empty: list NAME value */}}
{{- define "gongzhi.value" -}}
{{- if index . 1 }}
- name: {{ index . 0 }}
  value: {{ index . 1 | toString | quote }}
{{- end }}
{{- end }}

{{/* What every process reads. */}}
{{- define "gongzhi.settings.process" -}}
{{- $telemetry := .Values.telemetry -}}
{{- include "gongzhi.value" (list "GONGZHI_DISTRICT" .Values.district) }}
{{- include "gongzhi.value" (list "GONGZHI_LOG" $telemetry.log) }}
{{- include "gongzhi.value" (list "GONGZHI_LOG_FORMAT" $telemetry.logFormat) }}
{{- include "gongzhi.value" (list "GONGZHI_OTLP_ENDPOINT" $telemetry.otlpEndpoint) }}
{{- end }}

{{/* Where probes and measures are asked, of every process that goes on running. */}}
{{- define "gongzhi.settings.operations" -}}
{{- include "gongzhi.value" (list "GONGZHI_OPERATIONS_ADDRESS" (printf "%s:9464" .Values.listenAddress)) }}
{{- end }}

{{/* What every process that serves reads. */}}
{{- define "gongzhi.settings.serving" -}}
{{- include "gongzhi.settings.operations" . }}
{{- include "gongzhi.value" (list "GONGZHI_GRPC_ADDRESS" (printf "%s:50051" .Values.listenAddress)) }}
{{- include "gongzhi.settings.district" . }}
{{- end }}

{{/* What everybody must be told alike: who signs tokens, and how the stream is kept. */}}
{{- define "gongzhi.settings.district" -}}
{{- include "gongzhi.value" (list "GONGZHI_ISSUER" .Values.identity.issuer) }}
{{- include "gongzhi.value" (list "GONGZHI_JWKS_URL" .Values.identity.jwksUrl) }}
{{- include "gongzhi.value" (list "GONGZHI_STREAM_REPLICAS" .Values.stream.replicas) }}
{{- include "gongzhi.value" (list "GONGZHI_STREAM_MAX_AGE_DAYS" .Values.stream.maxAgeDays) }}
{{- include "gongzhi.value" (list "GONGZHI_STREAM_MAX_BYTES" (ternary .Values.trial.streamMaxBytes .Values.stream.maxBytes .Values.embedded)) }}
{{- end }}

{{/* The key signs in organization, and the others verify with its public half, unless another issuer's keys are read. */}}
{{- define "gongzhi.settings.signing" -}}
{{- include "gongzhi.secret" (list "GONGZHI_SIGNING_KEY" .Values.secrets.signingKey .Values.secrets.signingKey.key) }}
{{- end }}

{{/* Database and bus of a cluster: dict "root" $ "part" "dispatch". */}}
{{- define "gongzhi.settings.ground" -}}
{{- $secrets := .root.Values.secrets -}}
{{- include "gongzhi.secret" (list "GONGZHI_DATABASE_URL" $secrets.database $secrets.database.key) }}
{{- include "gongzhi.secret" (list "GONGZHI_NATS_URL" $secrets.nats $secrets.nats.key) }}
{{- include "gongzhi.secret" (list "GONGZHI_NATS_CREDENTIALS" $secrets.natsCredentials $secrets.natsCredentials.key) }}
{{- include "gongzhi.settings.nats_authority" . }}
{{- end }}

{{- define "gongzhi.settings.contact" -}}
{{- include "gongzhi.secret" (list "GONGZHI_CONTACT_KEY" .Values.secrets.contactKey .Values.secrets.contactKey.key) }}
{{- end }}

{{- define "gongzhi.settings.dispatch" -}}
{{- include "gongzhi.settings.contact" . }}
{{- end }}

{{- define "gongzhi.settings.deliberation" -}}
{{- include "gongzhi.settings.contact" . }}
{{- end }}

{{- define "gongzhi.settings.issuing" -}}
{{- $secrets := .Values.secrets -}}
{{- include "gongzhi.secret" (list "GONGZHI_NATS_OPERATOR_SEED" $secrets.natsOperatorSeed $secrets.natsOperatorSeed.key) }}
{{- include "gongzhi.secret" (list "GONGZHI_NATS_SYSTEM_CREDENTIALS" $secrets.natsSystemCredentials $secrets.natsSystemCredentials.key) }}
{{- end }}

{{/* Where evidence lies. */}}
{{- define "gongzhi.settings.files" -}}
{{- if .Values.s3.bucket }}
{{- include "gongzhi.value" (list "GONGZHI_S3_BUCKET" .Values.s3.bucket) }}
{{- include "gongzhi.value" (list "GONGZHI_S3_ENDPOINT" .Values.s3.endpoint) }}
{{- include "gongzhi.value" (list "GONGZHI_S3_REGION" .Values.s3.region) }}
{{- include "gongzhi.secret" (list "GONGZHI_S3_ACCESS_KEY" .Values.secrets.s3 .Values.secrets.s3.accessKey) }}
{{- include "gongzhi.secret" (list "GONGZHI_S3_SECRET_KEY" .Values.secrets.s3 .Values.secrets.s3.secretKey) }}
{{- end }}
{{- end }}

{{/* Webhooks, publication and evidence. */}}
{{- define "gongzhi.settings.sharing" -}}
{{- include "gongzhi.value" (list "GONGZHI_WEBHOOK_NETWORKS" (join "," .Values.webhooks.networks)) }}
{{- include "gongzhi.value" (list "GONGZHI_WEBHOOK_CLOSED_NETWORKS" (join "," .Values.webhooks.closedNetworks)) }}
{{- include "gongzhi.value" (list "GONGZHI_PUBLISH_RATE" .Values.publish.rate) }}
{{- include "gongzhi.value" (list "GONGZHI_PUBLISH_BURST" .Values.publish.burst) }}
{{- include "gongzhi.settings.files" . }}
{{- end }}

{{- define "gongzhi.settings.exchange" -}}
{{- include "gongzhi.settings.issuing" . }}
{{- include "gongzhi.settings.sharing" . }}
{{- end }}

{{/* Services that are on, by the names of their Services: what the portal and the operator call. */}}
{{- define "gongzhi.settings.upstreams" -}}
{{- $upstreams := list -}}
{{- $scheme := ternary "https" "http" .Values.tls.enabled -}}
{{- range $part, $service := .Values.services }}
{{- if and $service.enabled (ne $part "portal") }}
{{- $upstreams = append $upstreams (printf "%s=%s://%s:50051" $part $scheme (include "gongzhi.name" (dict "root" $ "part" $part))) }}
{{- end }}
{{- end }}
{{- include "gongzhi.value" (list "GONGZHI_UPSTREAMS" (join "," $upstreams)) }}
{{- end }}

{{- define "gongzhi.settings.portal" -}}
{{- include "gongzhi.value" (list "GONGZHI_PORTAL_ADDRESS" (printf "%s:8080" .Values.listenAddress)) }}
{{- include "gongzhi.settings.upstreams" . }}
{{- end }}

{{/* The operator calls organization and exchange as an account of the district, and tells clients where they find what it issued. */}}
{{- define "gongzhi.settings.operator" -}}
{{- $secret := .root.Values.secrets.operator -}}
{{- $exchange := printf "%s.%s.svc" (include "gongzhi.name" (dict "root" .root "part" "exchange")) .root.Release.Namespace -}}
{{- include "gongzhi.settings.process" .root }}
{{- include "gongzhi.settings.operations" .root }}
{{- include "gongzhi.settings.tls" . }}
{{- include "gongzhi.settings.upstreams" .root }}
{{- include "gongzhi.secret" (list "GONGZHI_ACCOUNT" $secret $secret.accountKey) }}
- {name: GONGZHI_PASSWORD_FILE, value: /etc/gongzhi/account/password}
- {name: GONGZHI_OPERATOR_IDENTITY, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: GONGZHI_OPERATOR_NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}
{{- include "gongzhi.value" (list "GONGZHI_OPERATOR_RELEASE" .root.Release.Name) }}
{{- include "gongzhi.value" (list "GONGZHI_OPERATOR_EXCHANGE_ADDRESS" (printf "%s://%s:50051" (ternary "https" "http" .root.Values.tls.enabled) $exchange)) }}
{{- include "gongzhi.value" (list "GONGZHI_OPERATOR_NATS_ADDRESS" .root.Values.operator.natsAddress) }}
{{- end }}

{{- define "gongzhi.settings.organization" -}}{{- end }}
{{- define "gongzhi.settings.grid" -}}{{- end }}
{{- define "gongzhi.settings.reporting" -}}{{- end }}

{{/* All settings of a service's pod: dict "root" $ "part" "dispatch" "spec" its values. */}}
{{- define "gongzhi.settings" -}}
{{- include "gongzhi.settings.process" .root }}
{{- include "gongzhi.settings.ground" . }}
{{- include "gongzhi.settings.tls" . }}
{{- include "gongzhi.settings.serving" .root }}
{{- if or (eq .part "organization") (not .root.Values.identity.jwksUrl) }}
{{- include "gongzhi.settings.signing" .root }}
{{- end }}
{{- include "gongzhi.value" (list "GONGZHI_DATABASE_CONNECTIONS" .spec.databaseConnections) }}
{{- include (printf "gongzhi.settings.%s" .part) .root }}
{{- end }}
