// The API server of custom resources, as Kubernetes has it, standing alone: no tokens, no rights, no built-in kinds.
//
// Built-in kinds that an operator needs are custom resources here, without schemas. A group without a dot cannot have any, so that requests for one are
// answered from another group (`core/v1` from `core.stand.in/v1`), in both directions.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"k8s.io/apiextensions-apiserver/pkg/cmd/server/options"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	genericapiserver "k8s.io/apiserver/pkg/server"
)

// Path and apiVersion of a group that is asked for, and of the one that answers.
type standIn struct{ path, version, otherPath, otherVersion string }

var standIns = []standIn{
	{"/api/v1/", "v1", "/apis/core.stand.in/v1/", "core.stand.in/v1"},
	{"/apis/apps/v1/", "apps/v1", "/apis/apps.stand.in/v1/", "apps.stand.in/v1"},
	{"/apis/batch/v1/", "batch/v1", "/apis/batch.stand.in/v1/", "batch.stand.in/v1"},
	{"/apis/policy/v1/", "policy/v1", "/apis/policy.stand.in/v1/", "policy.stand.in/v1"},
}

func main() {
	etcd := flag.String("etcd", "", "address of etcd")
	folder := flag.String("folder", "", "where certificate and log of writes lie")
	port := flag.Int("port", 0, "where it answers")
	nobody := flag.String("kubeconfig", "", "a kubeconfig of nobody; the library wants one for built-in kinds")
	flag.Parse()
	if err := serve(*etcd, *folder, *port, *nobody); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(etcd, folder string, port int, nobody string) error {
	writes, err := os.OpenFile(folder+"/writes", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	o := options.NewCustomResourceDefinitionsServerOptions(os.Stdout, os.Stderr)
	recommended := o.RecommendedOptions
	recommended.SecureServing.BindPort = port
	recommended.SecureServing.ServerCert.CertDirectory = folder
	recommended.Etcd.StorageConfig.Transport.ServerList = []string{etcd}
	recommended.Authentication.RemoteKubeConfigFileOptional = true
	recommended.Authorization.RemoteKubeConfigFileOptional = true
	recommended.CoreAPI.CoreAPIKubeconfigPath = nobody
	recommended.Admission = nil
	recommended.Features.EnablePriorityAndFairness = false
	if err := o.ServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	if err := o.Complete(); err != nil {
		return err
	}
	config, err := o.Config()
	if err != nil {
		return err
	}
	generic := config.GenericConfig
	generic.Authentication.Authenticator = authenticator.RequestFunc(func(*http.Request) (*authenticator.Response, bool, error) {
		return &authenticator.Response{User: &user.DefaultInfo{Name: "anybody"}}, true, nil
	})
	generic.Authorization.Authorizer = authorizerfactory.NewAlwaysAllowAuthorizer()
	generic.BuildHandlerChainFunc = func(handler http.Handler, c *genericapiserver.Config) http.Handler {
		return answering(genericapiserver.DefaultBuildHandlerChain(handler, c), writes)
	}
	server, err := config.Complete().New(genericapiserver.NewEmptyDelegate())
	if err != nil {
		return err
	}
	return server.GenericAPIServer.PrepareRun().RunWithContext(context.Background())
}

func answering(handler http.Handler, writes io.Writer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			fmt.Fprintln(writes, r.Method, r.URL.Path)
		}
		for _, one := range standIns {
			if !strings.HasPrefix(r.URL.Path, one.path) {
				continue
			}
			rest := strings.TrimPrefix(r.URL.Path, one.path)
			// `namespaces` means something else than a kind in a path.
			if parts := strings.Split(rest, "/"); parts[0] == "namespaces" && len(parts) < 3 {
				rest = "spaces" + strings.TrimPrefix(rest, "namespaces")
			}
			r.URL.Path = one.otherPath + rest
			r.Header.Del("Accept-Encoding")
			body, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
			body = bytes.ReplaceAll(body, named(one.version), named(one.otherVersion))
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			w = translating{w, one}
			break
		}
		handler.ServeHTTP(w, r)
	})
}

func named(version string) []byte { return []byte(`"apiVersion":"` + version + `"`) }

// What is written is told as of the group that was asked for. An object is written whole, also in a watch.
type translating struct {
	http.ResponseWriter
	as standIn
}

func (t translating) Write(text []byte) (int, error) {
	if _, err := t.ResponseWriter.Write(bytes.ReplaceAll(text, named(t.as.otherVersion), named(t.as.version))); err != nil {
		return 0, err
	}
	return len(text), nil
}

func (t translating) WriteHeader(code int) {
	t.Header().Del("Content-Length")
	t.ResponseWriter.WriteHeader(code)
}

func (t translating) Flush() {
	if flusher, ok := t.ResponseWriter.(http.Flusher); ok {
		flusher.Flush()
	}
}

func (t translating) Unwrap() http.ResponseWriter { return t.ResponseWriter }
