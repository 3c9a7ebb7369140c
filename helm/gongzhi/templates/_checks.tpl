{{/* What the schema cannot say: values that contradict each other. Each is refused with what to do. */}}

{{- define "gongzhi.checks" -}}
{{- include "gongzhi.checks.secrets" . }}
{{- include "gongzhi.checks.services" . }}
{{- include "gongzhi.checks.network" . }}
{{- include "gongzhi.checks.ways" . }}
{{- include "gongzhi.checks.tls" . }}
{{- include "gongzhi.checks.beside" . }}
{{- end }}

{{- define "gongzhi.checks.secrets" -}}
{{- $secrets := .Values.secrets -}}
{{- if not .Values.embedded }}
{{- if not $secrets.database.name }}{{ fail "secrets.database.name: name a Secret with the address of PostgreSQL, or set embedded=true for a trial" }}{{ end }}
{{- if not $secrets.nats.name }}{{ fail "secrets.nats.name: name a Secret with the address of NATS, or set embedded=true for a trial" }}{{ end }}
{{- if ne (empty $secrets.natsOperatorSeed.name) (empty $secrets.natsSystemCredentials.name) }}
{{- fail "secrets.natsOperatorSeed and secrets.natsSystemCredentials: name both or none, one is of no use without the other" }}
{{- end }}
{{- end }}
{{- if and .Values.s3.bucket (not $secrets.s3.name) }}{{ fail "s3.bucket: secrets.s3.name must name a Secret with the keys of that bucket" }}{{ end }}
{{- if and .Values.embedded (gt (int .Values.stream.replicas) 1) }}
{{- fail "stream.replicas: a trial has one NATS server, which holds one copy; leave it at 1 or set embedded=false" }}
{{- end }}
{{- end }}

{{- define "gongzhi.checks.services" -}}
{{- $name := include "gongzhi.fullname" . }}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) }}
{{- fail (printf "fullnameOverride: %s cannot name a Service; choose small letters, digits and hyphens, a letter first" $name) }}
{{- end }}
{{- if and .Values.operator.enabled (not (regexMatch "^[a-z]([-a-z0-9]{0,35}[a-z0-9])?$" .Release.Name)) }}
{{- fail (printf "operator.enabled: copies for further districts are named by the release, and %s is too long or no name of a Service; take at most 37 small letters, digits and hyphens, a letter first" .Release.Name) }}
{{- end }}
{{- range $part, $service := .Values.services }}
{{- $scaling := (include "gongzhi.spec" (dict "root" $ "part" $part) | fromYaml).autoscaling }}
{{- if gt (int $scaling.minReplicas) (int $scaling.maxReplicas) }}
{{- fail (printf "autoscaling of %s: minReplicas %v is more than maxReplicas %v" $part $scaling.minReplicas $scaling.maxReplicas) }}
{{- end }}
{{- end }}
{{- range .Values.grpcServices }}
{{- if not (or $.Values.embedded (index $.Values.services .).enabled) }}{{ fail (printf "grpcServices: %s is off; turn services.%s on or take it out" . .) }}{{ end }}
{{- if not (index $.Values.services .).grpc }}{{ fail (printf "services.%s.grpc: nothing of it would be routed; name its gRPC services, or take %s out of grpcServices" . .) }}{{ end }}
{{- end }}
{{- end }}

{{- define "gongzhi.checks.network" -}}
{{- $network := .Values.network -}}
{{- range $caller, $called := $network.talks }}
{{- range $called }}
{{- if not (or (hasKey $.Values.services .) (hasKey $network.outside .)) }}
{{- fail (printf "network.talks.%s: %s is neither a service nor in network.outside" $caller .) }}
{{- end }}
{{- end }}
{{- end }}
{{- if $network.enabled }}
{{- include "gongzhi.checks.port" (list "identity.jwksUrl" .Values.identity.jwksUrl "issuer" $network) }}
{{- include "gongzhi.checks.port" (list "telemetry.otlpEndpoint" .Values.telemetry.otlpEndpoint "collector" $network) }}
{{- include "gongzhi.checks.port" (list "s3.endpoint" .Values.s3.endpoint "store" $network) }}
{{- end }}
{{- end }}

{{/* An address is of no use where its port is closed: list value address name network */}}
{{- define "gongzhi.checks.port" -}}
{{- $value := index . 0 -}}
{{- $name := index . 2 -}}
{{- with index . 1 }}
{{- $url := urlParse . }}
{{- $port := regexFind ":[0-9]+$" $url.host | trimPrefix ":" | default (ternary "443" "80" (eq $url.scheme "https")) }}
{{- $open := list }}
{{- range (index (index $ 3).outside $name).ports }}{{ $open = append $open (printf "%v" .) }}{{ end }}
{{- if not (has $port $open) }}
{{- fail (printf "network.outside.%s.ports: %s uses port %s, which is closed; add it" $name $value $port) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "gongzhi.checks.ways" -}}
{{- $values := .Values -}}
{{- range $way := list "portal" "grpc" }}
{{- $ingress := get $values.ingress $way }}
{{- $gateway := get $values.gateway $way }}
{{- if and $ingress.enabled (not $ingress.host) }}{{ fail (printf "ingress.%s.host: name the host that people call" $way) }}{{ end }}
{{- if and $gateway.enabled (not $gateway.hosts) }}{{ fail (printf "gateway.%s.hosts: name at least one host that people call" $way) }}{{ end }}
{{- if and $gateway.enabled (not $values.gateway.parentRefs) }}{{ fail "gateway.parentRefs: name the Gateway that takes the routes" }}{{ end }}
{{- if and (or $ingress.enabled $gateway.enabled) $values.network.enabled (not (get $values.network.entrances $way).enabled) }}
{{- fail (printf "network.entrances.%s.enabled: a way in leads to what is closed; set it to true" $way) }}
{{- end }}
{{- if and (or $ingress.enabled $gateway.enabled) (eq $way "grpc") (not $values.grpcServices) }}{{ fail "grpcServices: name the services to which gRPC is routed" }}{{ end }}
{{- end }}
{{- if and (or $values.ingress.portal.enabled $values.gateway.portal.enabled) (not (or $values.embedded $values.services.portal.enabled)) }}
{{- fail "services.portal.enabled: a way in leads to the portal, which is off" }}
{{- end }}
{{- if and $values.ingress.portal.enabled $values.ingress.grpc.enabled (eq $values.ingress.portal.host $values.ingress.grpc.host) }}
{{- fail "ingress.grpc.host: gRPC needs a host of its own, because controllers speak one protocol to all of a host's backends" }}
{{- end }}
{{- end }}

{{- define "gongzhi.checks.tls" -}}
{{- $tls := .Values.tls -}}
{{- if $tls.enabled }}
{{- $sources := 0 }}
{{- range list $tls.issuerRef.name $tls.create $tls.secretName }}{{ if . }}{{ $sources = add $sources 1 }}{{ end }}{{ end }}
{{- if ne (int $sources) 1 }}
{{- fail "tls: say once where certificates come from: tls.issuerRef.name for an Issuer of cert-manager, tls.create=true for an authority of this release, or tls.secretName for Secrets of yours" }}
{{- end }}
{{- if ge (int $tls.renewBeforeHours) (int $tls.hours) }}{{ fail "tls.renewBeforeHours: must be less than tls.hours, or certificates would be renewed without end" }}{{ end }}
{{- end }}
{{- end }}

{{/* What stands beside the services. */}}
{{- define "gongzhi.checks.beside" -}}
{{- $values := .Values -}}
{{- range $key, $why := dict "operator" "it works on services of their own" "backup" "the record of a trial is on its volume; copy that" "firstAccount" "its database is its own; use kubectl exec, as the notes say" }}
{{- if and $values.embedded (get $values $key).enabled }}{{ fail (printf "%s.enabled: not in a trial: %s" $key $why) }}{{ end }}
{{- end }}
{{- range $key, $secret := dict "operator" $values.secrets.operator "firstAccount" $values.secrets.firstAccount }}
{{- if and (get $values $key).enabled (not $secret.name) }}{{ fail (printf "%s.enabled: secrets.%s.name must name a Secret with the name of an account and its password" $key $key) }}{{ end }}
{{- end }}
{{- if and $values.backup.enabled (not $values.backup.claim) }}{{ fail "backup.claim: name a PersistentVolumeClaim in this namespace; helm/README.md shows one" }}{{ end }}
{{- if $values.operator.enabled }}
{{- range list "organization" "exchange" }}
{{- if not (index $values.services .).enabled }}{{ fail (printf "operator.enabled: it calls %s, which is off" .) }}{{ end }}
{{- end }}
{{- end }}
{{- if and $values.metrics.podMonitor.enabled $values.network.enabled (not $values.network.entrances.operations.enabled) }}
{{- fail "network.entrances.operations.enabled: Prometheus would find a closed port; set it to true" }}
{{- end }}
{{- end }}
