export { MIMEType } from 'whatwg-mimetype';
