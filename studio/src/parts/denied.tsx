/** Denied says why controls beside it cannot be used. */
export function Denied({ why, id }: { why: string; id?: string }) {
  return why ? (
    <p class="quiet denied" id={id}>
      {why}
    </p>
  ) : null
}
