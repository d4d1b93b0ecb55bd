import { createServer } from 'node:http';
import * as soap from 'soap';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listenOnLoopback } from '../../servers/listen.ts';
import { startHttpServer, useGuest } from './use-guest.ts';

const guest = useGuest();

it('superagent sends JSON, forms and queries, and rejects with the answer', async () => {
  const json = { 'content-type': 'application/json' };
  const server = await startHttpServer(({ method, url, headers, body }) => {
    if (url === '/missing') return { status: 404, headers: json, body: { error: 'none' } };
    return {
      headers: json,
      body: { method, url, type: headers['content-type'], authorization: headers.authorization, body },
    };
  });
  try {
    const answer = await guest(
      async ({ require, configuration: { URL } }) => {
        const request = require('superagent');
        const failure = await request.get(`${URL}/missing`).catch((error: Error) => error);
        const called = await new Promise((resolve) =>
          request
            .get(`${URL}/query`)
            .query({ identifier: 'jane+x@example.com' })
            .auth('user', 'pass')
            .end((_error: Error | null, response: { body: unknown }) => resolve(response.body)),
        );
        return {
          called,
          json: (await request.post(`${URL}/json`).send({ name: 'Jané' })).body,
          form: (await request.post(`${URL}/form`).type('form').send({ a: '1', b: 'ü' })).body,
          failure: [failure.status, failure.response.body],
        };
      },
      { URL: server.url },
    );
    expect(answer).toEqual({
      called: {
        method: 'GET',
        url: '/query?identifier=jane%2Bx%40example.com',
        authorization: `Basic ${btoa('user:pass')}`,
        body: '',
      },
      json: { method: 'POST', url: '/json', type: 'application/json', body: '{"name":"Jané"}' },
      form: { method: 'POST', url: '/form', type: 'application/x-www-form-urlencoded', body: 'a=1&b=%C3%BC' },
      failure: [404, { error: 'none' }],
    });
  } finally {
    await server.close();
  }
});

const wsdl = `<?xml version="1.0" encoding="UTF-8"?>
<definitions name="Users" targetNamespace="urn:users" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:tns="urn:users"
  xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema">
  <types><xsd:schema targetNamespace="urn:users" elementFormDefault="qualified">
    <xsd:element name="FindUser"><xsd:complexType><xsd:sequence>
      <xsd:element name="email" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
    <xsd:element name="FoundUser"><xsd:complexType><xsd:sequence>
      <xsd:element name="id" type="xsd:int"/><xsd:element name="name" type="xsd:string"/>
    </xsd:sequence></xsd:complexType></xsd:element>
  </xsd:schema></types>
  <message name="Find"><part name="parameters" element="tns:FindUser"/></message>
  <message name="Found"><part name="parameters" element="tns:FoundUser"/></message>
  <portType name="Port"><operation name="FindUser">
    <input message="tns:Find"/><output message="tns:Found"/></operation></portType>
  <binding name="Binding" type="tns:Port"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="FindUser"><soap:operation soapAction="urn:users#FindUser"/>
      <input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
  <service name="Users"><port name="Port" binding="tns:Binding"><soap:address location="LOCATION"/></port></service>
</definitions>`;

let soapServer: Awaited<ReturnType<typeof listenOnLoopback>>;
beforeAll(async () => {
  const server = createServer((_request, response) => response.writeHead(404).end());
  soapServer = await listenOnLoopback(server);
  const find = ({ email }: { email: string }) => {
    if (email === 'jane@example.com') return { id: 42, name: 'Jané' };
    throw { Fault: { Code: { Value: 'soap:Sender' }, Reason: { Text: 'no such user' }, statusCode: 500 } };
  };
  const location = `http://127.0.0.1:${soapServer.port}/users`;
  soap.listen(server, '/users', { Users: { Port: { FindUser: find } } }, wsdl.replace('LOCATION', location));
});
afterAll(() => soapServer?.close());

it('soap makes a client of a WSDL, calls it and tells faults', async () => {
  const answer = await guest(
    async ({ require, configuration }) => {
      const soap = require('soap');
      const client = await soap.createClientAsync(configuration.WSDL);
      const [found] = await client.FindUserAsync({ email: 'jane@example.com' });
      const called = await new Promise((resolve, reject) =>
        soap.createClient(
          configuration.WSDL,
          (error: Error | null, client: Record<string, CallableFunction>) => {
            if (error) return reject(error);
            client.FindUser!({ email: 'jane@example.com' }, (_error: Error, result: unknown) =>
              resolve(result),
            );
          },
        ),
      );
      const fault = await client.FindUserAsync({ email: 'john@example.com' }).catch((error: Error) => error);
      return { found, called, fault: fault.root.Envelope.Body.Fault.Reason.Text };
    },
    { WSDL: `http://127.0.0.1:${soapServer.port}/users?wsdl` },
  );
  expect(answer).toEqual({
    found: { id: 42, name: 'Jané' },
    called: { id: 42, name: 'Jané' },
    fault: 'no such user',
  });
});
