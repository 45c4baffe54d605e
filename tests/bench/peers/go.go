// go.go - an echo server as Go's documentation writes it, to be measured
// against: go-echo PORT.
package main

import (
	"io"
	"net"
	"os"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		os.Exit(1)
	}
	for {
		client, err := listener.Accept()
		if err != nil {
			continue
		}
		go func() {
			defer client.Close()
			buffer := make([]byte, 65536)
			for {
				n, err := client.Read(buffer)
				if n > 0 {
					if _, err := client.Write(buffer[:n]); err != nil {
						return
					}
				}
				if err == io.EOF || err != nil {
					return
				}
			}
		}()
	}
}
